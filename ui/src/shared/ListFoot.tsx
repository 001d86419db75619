/** The foot of a list: how many rows there are, what they come to, and the same for those that are selected. Core counts and adds. */
import { useRead } from "../api";
import type { ListResult, ListTotals } from "../api";
import { Amount } from "./Amount";
import classes from "./DataTable.module.css";
import type { FootWords } from "./table.types";

export function ListFoot({ totals, words }: { totals: ListTotals; words: FootWords }) {
  return (
    <div className={classes.foot} role="status">
      <span>{words.rows(totals.count)}</span>
      <Sums totals={totals} words={words} />
    </div>
  );
}

function Sums({ totals, words }: { totals: ListTotals; words: FootWords }) {
  return Object.entries(words.sums ?? {}).map(([column, name]) => {
    const amounts = totals.sums.filter((sum) => sum.column === column);
    if (amounts.length === 0) return null;
    return (
      <span key={column} className={classes.sum}>
        <span>{name}</span>
        {amounts.map(({ amount }) => (
          <Amount key={amount.currency} value={amount} tone="strong" />
        ))}
      </span>
    );
  });
}

type SelectedProps<Row> = { list: ListResult<Row>; ids: string[]; words: FootWords | undefined };

/** What the selected rows come to, as soon as it is known. */
export function SelectedSums<Row>({ list, ids, words }: SelectedProps<Row>) {
  if (!list.question || !words?.sums) return null;
  return <Selected question={list.question} ids={ids} words={words} />;
}

function Selected({ question, ids, words }: { question: NonNullable<ListResult<never>["question"]>; ids: string[]; words: FootWords }) {
  const totals = useRead("listTotals", [question, ids], { keepPrevious: true });
  return totals.data ? <Sums totals={totals.data} words={words} /> : null;
}
