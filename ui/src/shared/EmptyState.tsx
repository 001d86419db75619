/** A list or page without content: what belongs here and what to do next. */
import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./states.module.css";

type Props = { icon?: ReactNode; title: string; text?: string; action?: ReactNode };

export function EmptyState({ icon, title, text, action }: Props) {
  return (
    <div className={classes.state}>
      {icon !== undefined && <div className={classes.icon}>{icon}</div>}
      <Text fw={600}>{title}</Text>
      {text !== undefined && (
        <Text size="sm" c="var(--br-text-muted)">
          {text}
        </Text>
      )}
      {action !== undefined && <Group mt="xs">{action}</Group>}
    </div>
  );
}
