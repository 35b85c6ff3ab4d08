import { type Cells, field } from './cells.ts';
import { entryLength, headTexts, writeTail } from './entry-text.ts';

/** Where answers are put together, one at a time; as long as the longest was. */
let text = Buffer.alloc(0);
let doubles = new Float64Array(0);

/** Who is told in one answer, as the text of `JoinAnswer`. */
export class ToldPeers {
  readonly #cells: Cells;
  /** In doubles. */
  #end = 0;
  count = 0;

  /** From here on the one before is of no use. @param most so many may be told */
  constructor(cells: Cells, most: number) {
    this.#cells = cells;
    if (text.length >= most * entryLength) return;
    doubles = new Float64Array((most * entryLength) / 8);
    text = Buffer.from(doubles.buffer);
  }

  /** By the address that those near it are told. @param head of `headTexts` */
  add(member: number, head: Float64Array): void {
    this.#end = this.#cells.copyTold(member, doubles, copyHead(head, this.#end));
    this.count++;
  }

  /** By the address that all others see. @param port of it */
  addFar(member: number, ip: string, port: number): void {
    const at = this.#cells.copyId(member, doubles, copyHead(headTexts.Internet, this.#end));
    this.#end = writeTail(text, 8 * at, ip, port, this.#cells.get(member, field.left)) / 8;
    this.count++;
  }

  /** All of them, with commas between. */
  toString(): string {
    let last = 8 * this.#end - 1;
    while (last > 0 && text[last] !== comma) last--;
    return text.toString('latin1', 0, last);
  }
}

const comma = ','.charCodeAt(0);

/** @returns where the id goes */
function copyHead(head: Float64Array, at: number): number {
  const out = doubles;
  for (let i = 0; i < head.length; i++) out[at + i] = head[i]!;
  return at + head.length;
}
