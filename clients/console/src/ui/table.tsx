import type { ComponentChildren, JSX } from "preact";

export interface Column<T> {
  /** Above the column; on phones before the value. */
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Numbers are set to the right, in figures of one width. */
  readonly number?: boolean;
  /** The cell that names its row. */
  readonly heading?: boolean;
  /** Its title is for screen readers only: a column of buttons. */
  readonly actions?: boolean;
}

export interface TableProps<T> {
  /** What the table has, for screen readers. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
}

/** A table; on phones each row is a card. */
export function Table<T>({ caption, columns, rows, keyOf }: TableProps<T>): JSX.Element {
  return (
    <table class="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.title} scope="col" class={column.number ? "number" : undefined}>
              {column.actions ? <span class="visually-hidden">{column.title}</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => {
              const looks = [column.number && "number", column.actions && "actions"].filter(Boolean).join(" ") || undefined;
              return column.heading ? (
                <th key={column.title} scope="row" class={looks}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.title} class={looks} data-label={column.actions ? undefined : column.title}>
                  {column.cell(row)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
