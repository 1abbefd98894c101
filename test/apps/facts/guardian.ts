import { defineFacts } from '../app-facts.js';

const right = { content_type_id: 1, permission_id: 1 };
/** Keys of no row, however they are written. */
const gone = ['42', '042', ' 42', '+42', '9223372036854775808', '-1'];
/** Other ways to write the key of one that is there, as Python reads numbers, and what is no key: at that Django's command stops. */
const stay = ['01', ' 1 ', '+1', '00000000000000000000001', '1.0', 'x', '', '--1', '-', '1 1'];

export default defineFacts({
  shared: [
    ...[...gone, ...stay].map(
      (object_pk) =>
        ['guardian_userobjectpermission', { ...right, object_pk, user_id: object_pk === '42' ? 1 : 2 }] as const,
    ),
    ['guardian_groupobjectpermission', { ...right, object_pk: '43', group_id: 1 }],
  ],
  held: (user) => [['guardian_userobjectpermission', { ...right, object_pk: '1', user_id: user }]],
  pruned: { 'guardian guardian_userobjectpermission': 6, 'guardian guardian_groupobjectpermission': 1 },
});
