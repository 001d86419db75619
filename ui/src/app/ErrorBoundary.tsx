/** Catches what a page throws while drawing: the rest of the window stays, the data is safe, the page can be loaded again. */
import { Trans } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";
import classes from "./app.module.css";

type Props = { children: ReactNode };

export function PageFault({ onRetry }: { onRetry: () => void }) {
  return (
    <div className={classes.fault} role="alert">
      <Text fw={600}>
        <Trans>This page stopped working</Trans>
      </Text>
      <Text size="sm" c="var(--br-text-muted)">
        <Trans>Everything saved is safe. Load the page again; other pages keep working.</Trans>
      </Text>
      <Group mt="xs">
        <Button variant="default" onClick={onRetry}>
          <Trans>Load the page again</Trans>
        </Button>
      </Group>
    </div>
  );
}

export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return <PageFault onRetry={() => window.location.reload()} />;
  }
}
