/** U+0000 cannot stand in a PostgreSQL text: an identifier with it names nobody. */
export const mayName = (identifier: string): boolean => !identifier.includes('\0');
