/** Settings of the example; `npx manage createsuperuser` in this folder uses the same ones. */
export default {
  databases: { default: { url: 'sqlite:///db.sqlite3' } },
};
