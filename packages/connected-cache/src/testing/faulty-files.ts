import { type DataFile, realStoreFiles, type StoreFiles } from '../store/store-files.ts';

export type Operation =
  | 'open'
  | 'read'
  | 'write'
  | 'sync'
  | 'rename'
  | 'remove'
  | 'list'
  | 'makeFolder'
  | 'free';

/** Which error an operation on a path ends with, as an errno code; undefined = it is carried out. */
export type Fault = (operation: Operation, path: string) => string | undefined;

/** A disk that fails when it is told to. */
export class FaultyFiles implements StoreFiles {
  fault: Fault = () => undefined;
  /** Told before a write: how many of its bytes get through. */
  torn: (length: number) => number = (length) => length;

  async open(path: string, flags: string | number): Promise<DataFile> {
    this.check('open', path);
    return this.wrap(await realStoreFiles.open(path, flags), path);
  }

  async readFile(path: string): Promise<Buffer> {
    this.check('read', path);
    return realStoreFiles.readFile(path);
  }

  async writeFile(path: string, bytes: Uint8Array | string): Promise<void> {
    const whole = Buffer.from(bytes);
    await this.tear(whole.length, path, (n) =>
      realStoreFiles.writeFile(path, whole.subarray(0, n)),
    );
  }

  async rename(from: string, to: string): Promise<void> {
    this.check('rename', to);
    await realStoreFiles.rename(from, to);
  }

  async remove(path: string): Promise<void> {
    this.check('remove', path);
    await realStoreFiles.remove(path);
  }

  async list(path: string): Promise<string[]> {
    this.check('list', path);
    return realStoreFiles.list(path);
  }

  async makeFolder(path: string, parents: boolean): Promise<void> {
    this.check('makeFolder', path);
    await realStoreFiles.makeFolder(path, parents);
  }

  async syncFolder(path: string): Promise<void> {
    this.check('sync', path);
    await realStoreFiles.syncFolder(path);
  }

  async freeBytes(path: string): Promise<number> {
    this.check('free', path);
    return realStoreFiles.freeBytes(path);
  }

  protected check(operation: Operation, path: string): void {
    const code = this.fault(operation, path);
    if (code !== undefined)
      throw Object.assign(new Error(`${code}: ${operation} ${path}`), { code });
  }

  /** Writes as much as gets through, and fails then if that is not all. */
  protected async tear<T>(
    length: number,
    path: string,
    write: (n: number) => Promise<T>,
  ): Promise<T> {
    const part = this.torn(length);
    if (part < length) {
      if (part > 0) await write(part);
      this.check('write', path);
    }
    this.check('write', path);
    return write(length);
  }

  protected wrap(file: DataFile, path: string): DataFile {
    return {
      fd: file.fd,
      read: async (...args) => {
        this.check('read', path);
        return file.read(...args);
      },
      writev: (buffers, position) => {
        const bytes = Buffer.concat(buffers);
        return this.tear(bytes.length, path, (n) => file.writev([bytes.subarray(0, n)], position));
      },
      sync: async () => {
        this.check('sync', path);
        await file.sync();
      },
      close: () => file.close(),
    };
  }
}
