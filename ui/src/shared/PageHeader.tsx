/** Head of a page: its name, quiet actions, and at most one primary button. */
import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./layout.module.css";

type Props = { title: string; back?: ReactNode; actions?: ReactNode; primary?: ReactNode };

export function PageHeader({ title, back, actions, primary }: Props) {
  return (
    <header className={classes.header}>
      <Group gap="xs" wrap="nowrap" miw={0}>
        {back}
        <Title order={1} size="h3" className={classes.title} title={title} dir="auto">
          {title}
        </Title>
      </Group>
      <Group gap="xs">
        {actions}
        {primary}
      </Group>
    </header>
  );
}
