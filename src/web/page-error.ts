/** A refusal that a person reads: `error.<key>.title`, `.text` and `.next` in the catalogue. */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly status: number;
  readonly key: string;

  constructor(status: number, key: string) {
    super(`${status} ${key}`);
    this.status = status;
    this.key = key;
  }
}
