/** Writes a line to standard output, where results go. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One JSON value in one line, so that the output of servers and of several runs can be read by line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}
