/** Where a logo is, by its content; null: there is none. */
export const logoUrlOf = (logoId: string | null): string | null =>
  logoId === null ? null : `/logos/${logoId}`;
