const TRIES = 3;

/** What a round begins with is no race: where the database could not, it is asked for again. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}
