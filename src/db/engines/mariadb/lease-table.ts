/** Where locks between runs are on a cluster: this program's own, and no part of anybody's data. */
export const leaseTable = 'manage_lock';
