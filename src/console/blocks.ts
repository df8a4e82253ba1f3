// What the pages of records and lists are made of: views/admin-*.eta print these, whatever the record is.
import type { Field } from '../staff/fields.ts';
import type { Chart } from './chart.ts';
import type { Reach } from './reach-picture.ts';

export interface Cell {
  readonly text: string;
  readonly href?: string | undefined;
  /** Shown as a tag. */
  readonly look?: 'on' | 'soon' | 'off' | 'plain' | undefined;
  /** Text of a machine: shown letter by letter. */
  readonly literal?: boolean;
  /** Beside it, less loud. */
  readonly quiet?: string | undefined;
}

export type Cells = Cell | readonly Cell[];

export interface Table {
  readonly columns: readonly string[];
  /** The first cell names the row. */
  readonly rows: readonly (readonly Cells[])[];
  /** Said where there is no row. */
  readonly none: string;
}

export interface Fact {
  readonly label: string;
  readonly cells: readonly Cell[];
}

export interface Action {
  readonly href: string;
  readonly label: string;
  readonly look?: 'primary' | 'danger' | undefined;
}

/** How many there are of something that waits, and where. */
export interface Card {
  readonly count: string;
  readonly text: string;
  readonly href: string;
  readonly look: 'urgent' | 'soon' | 'calm';
  readonly quiet?: string | undefined;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly lead?: string | undefined;
  /** Something that must not be overlooked. */
  readonly warning?: string | undefined;
  readonly facts?: readonly Fact[];
  readonly table?: Table;
  readonly diff?: readonly object[];
  readonly timeline?: readonly { readonly text: string; readonly quiet: string }[];
  readonly cards?: readonly Card[];
  readonly reach?: Reach;
  readonly charts?: readonly Chart[];
  /** The same as a picture above says, for who reads it. */
  readonly details?: { readonly label: string; readonly table: Table };
  readonly actions?: readonly Action[];
  /** Takes the width of the page. */
  readonly wide?: boolean;
}

/** For views/admin-list.eta. */
export interface ListView {
  readonly title: string;
  readonly lead?: string | undefined;
  readonly actions: readonly Action[];
  readonly filters: readonly Field[];
  readonly isFiltered: boolean;
  readonly table: Table;
  readonly pager: { readonly firstUrl: string | null; readonly nextUrl: string | null };
}

export const plain = (text: string): Cell => ({ text });
/** Only what is the case. */
export const present = <Item extends object>(items: readonly (Item | false | null | undefined)[]): Item[] =>
  items.filter((item) => item !== false && item !== null && item !== undefined);
