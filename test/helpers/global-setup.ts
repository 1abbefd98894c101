/** Replaced by the one that starts PostgreSQL. */
export default function setup(): void {}
