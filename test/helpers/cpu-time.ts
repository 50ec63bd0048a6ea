/**
 * Bounds of time that show work which grows with the square of its input, or never ends. They are of CPU time: time by
 * the clock depends on what else the machine does.
 * @returns A function that answers how many seconds this process has used since.
 */
export function startCpuTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}
