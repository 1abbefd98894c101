import { defineFacts } from '../app-facts.js';

const right = { content_type_id: 1, permission_id: 1 };
/** Keys of no group: texts that are no key, or another way to write one than Django's. */
const gone = ['42', '01', ' 1', '1.0', 'x', '9223372036854775808', '-1'];

export default defineFacts({
  shared: [
    ...gone.map(
      (object_pk) =>
        ['guardian_userobjectpermission', { ...right, object_pk, user_id: object_pk === '42' ? 1 : 2 }] as const,
    ),
    ['guardian_groupobjectpermission', { ...right, object_pk: '43', group_id: 1 }],
  ],
  held: (user) => [['guardian_userobjectpermission', { ...right, object_pk: '1', user_id: user }]],
  pruned: { 'guardian guardian_userobjectpermission': 7, 'guardian guardian_groupobjectpermission': 1 },
});
