/** Archives customers or brings them back, with an undo in the corner. */
import { plural } from "@lingui/core/macro";
import { useCallback } from "react";
import { useChange } from "../../api";
import { notifyDone, notifyError } from "../../shared";

export function useArchiveCustomers(): (ids: string[], archived: boolean) => Promise<void> {
  const { mutateAsync } = useChange("archiveCustomers");
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
        ? plural(count, { one: "# customer archived", other: "# customers archived" })
        : plural(count, { one: "# customer brought back", other: "# customers brought back" });
      notifyDone(done, () => mutateAsync([ids, !archived]));
    },
    [mutateAsync],
  );
}
