/** Milliseconds of processor time, of all threads, that `work` takes: unlike time on the clock it knows no other load. */
export async function cpuTimeMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
