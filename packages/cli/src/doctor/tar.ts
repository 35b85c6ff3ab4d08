/** A file of an archive. */
export interface TarFile {
  name: string;
  bytes: Uint8Array;
}

const blockLength = 512;
/** Longer names need an extension of the format, which nobody here needs. */
const maxNameLength = 100;

/**
 * An archive in the format of POSIX (ustar) that any tar reads.
 * @param time ms since 1970. @throws RangeError for a name of more than 100 bytes.
 */
export function tar(files: readonly TarFile[], time: number): Buffer {
  const blocks = files.flatMap(({ name, bytes }) => {
    const padding = Buffer.alloc((blockLength - (bytes.length % blockLength)) % blockLength);
    return [header(name, bytes.length, time), bytes, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockLength)]);
}

function header(name: string, length: number, time: number): Buffer {
  if (Buffer.byteLength(name) > maxNameLength) throw new RangeError(`name too long: ${name}`);
  const block = Buffer.alloc(blockLength);
  const octal = (value: number, digits: number, at: number) =>
    block.write(`${Math.floor(value).toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  block.write(name, 0);
  octal(0o600, 7, 100);
  octal(0, 7, 108);
  octal(0, 7, 116);
  octal(length, 11, 124);
  octal(time / 1000, 11, 136);
  // The sum is made with spaces in its own place.
  block.write('        ', 148, 'latin1');
  block.write('0ustar\x0000', 156, 'latin1');
  const sum = block.reduce((a, b) => a + b, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
