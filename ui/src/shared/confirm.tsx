/** Asks before what can't be undone: `if (await confirm({ … }))`. The provider is mounted once, by the app. */
import { Button, Group, Modal, Text } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";

export type Question = {
  title: string;
  text: string;
  /** Words of the button that does it, such as "Void invoice". */
  confirmLabel: string;
  cancelLabel?: string;
  /** Colours the button as destructive. */
  danger?: boolean;
};

type Ask = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Ask>(() => Promise.resolve(false));

export function useConfirm(): Ask {
  return useContext(ConfirmContext);
}

type DialogProps = Question & { opened: boolean; onAnswer: (yes: boolean) => void };

/** The dialog itself, for pages that keep the question in their own state. */
export function ConfirmDialog({ opened, title, text, confirmLabel, cancelLabel, danger = false, onAnswer }: DialogProps) {
  const { t } = useLingui();
  return (
    <Modal opened={opened} onClose={() => onAnswer(false)} title={title} size="sm" zIndex={400}>
      <Text size="sm">{text}</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={() => onAnswer(false)} data-autofocus={danger || undefined}>
          {cancelLabel ?? t`Cancel`}
        </Button>
        <Button color={danger ? "red" : undefined} onClick={() => onAnswer(true)} data-autofocus={!danger || undefined}>
          {confirmLabel}
        </Button>
      </Group>
    </Modal>
  );
}

const NO_QUESTION: Question = { title: "", text: "", confirmLabel: "" };

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question>(NO_QUESTION);
  const [opened, setOpened] = useState(false);
  const answer = useRef<(yes: boolean) => void>(() => undefined);
  const ask = useCallback<Ask>((next) => {
    setQuestion(next);
    setOpened(true);
    return new Promise((resolve) => {
      answer.current = resolve;
    });
  }, []);
  const onAnswer = useCallback((yes: boolean) => {
    setOpened(false);
    answer.current(yes);
  }, []);
  const dialog = useMemo(() => <ConfirmDialog {...question} opened={opened} onAnswer={onAnswer} />, [question, opened, onAnswer]);
  return (
    <ConfirmContext value={ask}>
      {children}
      {dialog}
    </ConfirmContext>
  );
}
