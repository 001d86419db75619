/** Ctrl+S of a form, and where the focus goes when the form has gone. */
import { useHotkeys } from "@mantine/hooks";
import { useEffect } from "react";
import type { DraftForm } from "./draftForm";
import { focusPanel } from "./panelFocus";

/** Ctrl+S saves the form one works in: with a dialog in front of it, that dialog's. */
export function useSaveKey<D extends object>(draft: DraftForm<D>, save: () => void): void {
  const onKey = () => {
    const dialogs = document.querySelectorAll("[role=dialog]");
    const front = dialogs[dialogs.length - 1];
    const form = draft.ref.current;
    if (!form || (front && !front.contains(form))) return;
    save();
  };
  useHotkeys([["mod+S", onKey]], [], true);
}

/** A form in front of the page: saved, the focus goes to the panel of what was saved; given up, to where it came from. */
export function useReturnFocus<D extends object>({ closesSaved }: DraftForm<D>, toPanel: boolean): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (toPanel && closesSaved()) focusPanel();
      else if (before instanceof HTMLElement) requestAnimationFrame(() => before.isConnected && before.focus({ preventScroll: true }));
    };
  }, [closesSaved, toPanel]);
}
