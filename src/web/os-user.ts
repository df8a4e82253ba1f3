// Who ran the command line, as its operating system says: a claim, which the audit keeps beside what was done.
import { AsyncLocalStorage } from 'node:async_hooks';

const users = new AsyncLocalStorage<string>();

export const osUser = (): string | undefined => users.getStore();

interface Process {
  lookUp(): { readonly username: string };
  /** Absent on Windows, where every user has a name. */
  readonly uid: number | undefined;
}

/** A uid without an entry in passwd (a container's runAsUser) has no name, and is told as it is. */
export function osUserName({ lookUp, uid }: Process): string {
  try {
    return lookUp().username;
  } catch {
    return `uid:${uid ?? 'unknown'}`;
  }
}

export const asOsUser = <Result>(name: string, work: () => Promise<Result>): Promise<Result> =>
  users.run(name, work);
