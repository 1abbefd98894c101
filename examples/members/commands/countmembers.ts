import { defineCommand } from 'manage-auth';

export default defineCommand({
  describe: 'Count the members.',
  options: {
    active: { type: 'boolean', describe: 'Count only members whose account is active.' },
  },
  async run({ connect, terminal }, { active }) {
    const { db } = await connect();
    const members = db('members_member').count({ count: '*' });
    if (active) members.where('is_active', true);
    const [row] = await members;
    const count = Number(row?.count ?? 0);
    terminal.say(`${count} ${active ? 'active ' : ''}member${count === 1 ? '' : 's'}.`);
    return { json: { count } };
  },
});
