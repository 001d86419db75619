/** A quantity in tabular figures: zero is quiet, less than nothing is a backorder and stands out. */
import { Text } from "@mantine/core";
import { formatQuantity } from "../../shared";
import classes from "./inventory.module.css";

export function Quantity({ value, low = false }: { value: string; low?: boolean }) {
  const zero = /^-?0*(\.0*)?$/.test(value);
  const tone = value.startsWith("-") && !zero ? "var(--br-problem)" : low ? "var(--br-warning)" : zero ? "var(--br-text-faint)" : undefined;
  return (
    <Text span inherit className={classes.quantity} {...(tone !== undefined && { c: tone })} {...(low && { fw: 600 })}>
      {formatQuantity(value)}
    </Text>
  );
}
