/** Between the values of a column; in none of them, for the journal has stripped control characters. */
const SEPARATOR = '\x1f';

/**
 * A column of a batch as one text, for `string_to_array(…, E'\x1f', '')`: the cheapest way to send many rows (0.8 µs a
 * row against 2 for arrays that the driver writes). Empty values become null; a column of nothing else is sent as the
 * empty text, and `unnest` of several arrays fills the shorter ones up with nulls.
 */
export function column<Row>(rows: readonly Row[], value: (row: Row) => string | number): string {
  // Adding one value after the other takes 0.09 µs each with what flattening the text costs, this 0.02.
  const text = rows.map(value).join(SEPARATOR);
  const isEmpty = text.length < rows.length; // nothing but separators
  return isEmpty ? '' : text;
}
