/** Views of one page, under its head: a line of names, the shown one underlined. Each has a path of its own. */
import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./ViewTabs.module.css";

type View = { value: string; label: string; count?: ReactNode };
type Props = { label: string; value: string; views: View[]; onChange: (value: string) => void };

export function ViewTabs({ label, value, views, onChange }: Props) {
  return (
    <Tabs value={value} onChange={(next) => next !== null && onChange(next)} classNames={{ list: classes.list ?? "", tab: classes.tab ?? "" }}>
      <Tabs.List aria-label={label}>
        {views.map((view) => (
          <Tabs.Tab key={view.value} value={view.value} rightSection={view.count}>
            {view.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
