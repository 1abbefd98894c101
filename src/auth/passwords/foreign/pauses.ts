const stepsBetween = 10_000;

/** Runs a digest over and over, and lets other work have its turn now and then. */
export async function repeat(times: number, step: (index: number) => void): Promise<void> {
  for (let index = 0; index < times; index++) {
    step(index);
    if (index % stepsBetween === stepsBetween - 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
