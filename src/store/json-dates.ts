/** JSON has no instants; ours are all named so. */
export function withDates<Facts extends object>(facts: Facts): Facts {
  const revived = Object.entries(facts).map(([name, value]) =>
    name.endsWith('At') && typeof value === 'string' ? [name, new Date(value)] : [name, value],
  );
  return Object.fromEntries(revived);
}
