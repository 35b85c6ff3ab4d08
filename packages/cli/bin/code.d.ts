export const trains: string;
export function compiledOf(path: string): string;
export function runCode(folder: string, name: string): void;
