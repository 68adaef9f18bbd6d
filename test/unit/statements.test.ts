import { describe, expect, test } from 'bun:test';
import { splitStatements } from '../../src/db/statements.ts';

describe('SQL is split', () => {
  test('at semicolons, whatever the layout', () => {
    expect(splitStatements('select 1;select 2;\n\n  select\n 3 ;\n')).toEqual(['select 1', 'select 2', 'select\n 3']);
  });

  test.each([
    ["a string's", `select 'a;b', 'it''s; fine'`],
    ['an escape string that ends in a backslash or a quote', `select e'a\\';b', E'\\\\'`],
    ["a quoted name's", `select 1 as "a;""b"`],
    ["a dollar quote's", `do $$ begin perform 1; end $$`],
    ['a tagged dollar quote with another inside', `do $x$ begin execute $$ select ';' $$; perform '$y$'; end $x$`],
    ["a comment's", `select 1 -- a; b's "c" $$ /*\n + 1`],
  ])('but not at %s', (_, statement) => {
    expect(splitStatements(`${statement};\nselect 2;`)).toEqual([statement, 'select 2']);
  });

  test('with plain strings that end in a backslash', () => {
    expect(splitStatements(`select 'a\\'; select 'b';`)).toEqual([`select 'a\\'`, `select 'b'`]);
  });

  test('with dollars and an e that belong to names', () => {
    expect(splitStatements(`select a$b$c; select d$b$e; select type'x\\';`)).toEqual([
      'select a$b$c',
      'select d$b$e',
      `select type'x\\'`,
    ]);
  });

  test('with the comments before a statement kept and those at the end dropped', () => {
    expect(splitStatements('-- one; two\nselect 1; -- done;\n')).toEqual(['-- one; two\nselect 1']);
    expect(splitStatements('-- nothing;\n')).toEqual([]);
  });
});

test.each([
  ['an open string', `select 1;\nselect 'a;`, 'line 2, column 8'],
  ['an open quoted name', 'select "a;', 'line 1, column 8'],
  ['an open dollar quote', 'do $$ begin;', 'line 1, column 4'],
  ['a dollar quote closed by another tag', 'do $a$ begin; $b$;', 'line 1, column 4'],
  ['a block comment', '/* a; */ select 1;', 'line 1, column 1'],
  ['a body of the SQL standard', 'create function f() returns int begin atomic select 1; end;', 'begin atomic'],
  ['a statement without a semicolon', 'select 1; select 2', 'has no semicolon: select 2'],
])('SQL with %s is refused', (_, sql, message) => {
  expect(() => splitStatements(sql)).toThrow(message);
});
