// One keep-alive connection of the load: raw, so that asking costs little beside answering.
import { connect, type Socket } from 'node:net';

export interface Asker {
  /** The next request; undefined: nothing is due. */
  next(): Buffer | undefined;
  /** An answer is complete: why it is wrong, or undefined. */
  answered(connection: LoadConnection, fault: string | undefined): void;
  failed(connection: LoadConnection, reason: string): void;
}

export interface Expected {
  readonly status: number;
  /** What every right answer holds. */
  readonly includes: readonly string[];
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTHS = [Buffer.from('\r\nContent-Length: '), Buffer.from('\r\ncontent-length: ')];
const [ZERO, NINE] = [48, 57];
const STATUS_AT = 9;
const SHOWN = 300;

export class LoadConnection {
  /** When the request that is out was sent, or should have been: milliseconds of performance.now(). */
  since = 0;
  readonly #asker: Asker;
  readonly #status: Buffer;
  readonly #includes: readonly Buffer[];
  readonly #socket: Socket;
  #pending: Buffer | undefined;
  #closing = false;

  constructor(port: number, { status, includes }: Expected, asker: Asker) {
    this.#asker = asker;
    this.#status = Buffer.from(String(status));
    this.#includes = includes.map((part) => Buffer.from(part));
    const callback = (length: number, buffer: Uint8Array) => this.#read(buffer.subarray(0, length) as Buffer);
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      onread: { buffer: Buffer.allocUnsafe(65_536), callback },
    });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('the server closed the connection'));
  }

  send(request: Buffer, since: number): void {
    this.since = since;
    this.#socket.write(request);
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #fail(reason: string): void {
    if (this.#closing) return;
    this.close();
    this.#asker.failed(this, reason);
  }

  #read(chunk: Buffer): boolean {
    const bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    const end = answerEnd(bytes);
    // The buffer of the socket is used again.
    if (end === undefined || end > bytes.length) this.#pending = Buffer.from(bytes);
    else {
      this.#pending = undefined;
      this.#asker.answered(this, end < 0 ? shown('no length', bytes) : this.#fault(bytes, end));
    }
    return true;
  }

  #fault(bytes: Buffer, end: number): string | undefined {
    if (end < bytes.length) return shown('more than was asked for', bytes);
    if (this.#status.compare(bytes, STATUS_AT, STATUS_AT + 3) !== 0) return shown('wrong status', bytes);
    for (const part of this.#includes) if (bytes.indexOf(part) < 0) return shown('wrong answer', bytes);
    return undefined;
  }
}

const shown = (what: string, bytes: Buffer) => `${what}: ${bytes.subarray(0, SHOWN).toString('latin1')}`;

/** Where the first answer ends; undefined while its head is not complete, -1 when it does not say. */
function answerEnd(bytes: Buffer): number | undefined {
  const head = bytes.indexOf(HEAD_END);
  if (head < 0) return undefined;
  for (const name of LENGTHS) {
    const found = bytes.indexOf(name);
    if (found < 0 || found > head) continue;
    let length = 0;
    for (let at = found + name.length; ; at += 1) {
      const digit = bytes[at] ?? 0;
      if (digit < ZERO || digit > NINE) return head + HEAD_END.length + length;
      length = length * 10 + digit - ZERO;
    }
  }
  return -1;
}
