/** An amount in tabular figures with a quiet currency symbol. */
import { clsx } from "clsx";
import type { MoneyView, PriceView } from "../api";
import { isZero, moneyParts, priceParts } from "./format";
import classes from "./Amount.module.css";

type Props = {
  value: MoneyView | null;
  /** Greys out a zero, so that a column shows what matters. */
  quietZero?: boolean;
  tone?: "problem" | "strong";
};

export function Amount({ value, quietZero = false, tone }: Props) {
  if (value === null) return <span className={classes.none}>–</span>;
  const quiet = quietZero && isZero(value);
  return <Figures parts={moneyParts(value)} className={clsx(quiet && classes.none, tone && classes[tone])} long={value.minor.length > 11} />;
}

/** A unit price, with all its decimals. */
export function Price({ value, tone }: { value: PriceView | null; tone?: "strong" }) {
  if (value === null) return <span className={classes.none}>–</span>;
  return <Figures parts={priceParts(value)} className={tone ? classes[tone] : undefined} long={value.decimal.length > 12} />;
}

type FiguresProps = { parts: { symbol: boolean; text: string }[]; className: string | undefined; long: boolean };

function Figures({ parts, className, long }: FiguresProps) {
  // What a narrow column may cut is read from the tooltip.
  const title = long ? parts.map(({ text }) => text).join("") : undefined;
  return (
    <span className={clsx(classes.amount, className)} title={title}>
      {parts.map((part, index) => (
        // Parts of one amount have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className={part.symbol ? classes.symbol : undefined}>
          {part.text}
        </span>
      ))}
    </span>
  );
}
