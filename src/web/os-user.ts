// Who ran the command line, as its operating system says: a claim, which the audit keeps beside what was done.
import { AsyncLocalStorage } from 'node:async_hooks';

const users = new AsyncLocalStorage<string>();

export const osUser = (): string | undefined => users.getStore();

export const asOsUser = <Result>(name: string, work: () => Promise<Result>): Promise<Result> =>
  users.run(name, work);
