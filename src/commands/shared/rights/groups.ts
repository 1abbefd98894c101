export const groupPositional = { group: { required: true, describe: 'Group name; compared exactly.' } } as const;

export const permissionHint = 'app.codename, or app.model.codename; * stands for anything, as in blog.* and *.view_*.';
