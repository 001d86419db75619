/** Archives items or brings them back, with an undo in the corner. */
import { plural } from "@lingui/core/macro";
import { useCallback } from "react";
import { useChange } from "../../api";
import { notifyDone, notifyError } from "../../shared";

export function useArchiveItems(): (ids: string[], archived: boolean) => Promise<void> {
  const { mutateAsync } = useChange("archiveItems");
  return useCallback(
    async (ids, archived) => {
      try {
        await mutateAsync([ids, archived]);
      } catch (cause) {
        notifyError(cause);
        return;
      }
      const count = ids.length;
      const done = archived
        ? plural(count, { one: "# item archived", other: "# items archived" })
        : plural(count, { one: "# item brought back", other: "# items brought back" });
      notifyDone(done, () => mutateAsync([ids, !archived]));
    },
    [mutateAsync],
  );
}
