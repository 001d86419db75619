/** The differences of a connection, each with what mends it. */
import { Button, Text } from "@mantine/core";
import { useLingui } from "@lingui/react/macro";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { type AuditCause, type AuditFinding, useChange } from "../../api";
import { Amount, FieldChanges, fieldWords, formatDay, notifyError, RecordLink } from "../../shared";
import classes from "./audit.module.css";
import { kindBefore, kindWords } from "./words";

/** What is wrong, and what the button does about it. */
const causes: Record<AuditCause, [MessageDescriptor, MessageDescriptor]> = {
  missing_here: [msg`Is there and not here`, msg`Bring it here`],
  missing_there: [msg`Is here and not there`, msg`Send it`],
  deleted_there: [msg`Was deleted there`, msg`Archive or void it here`],
  not_listed: [msg`Is not in the list there, and was not looked up`, msg`Look it up`],
  changed_there: [msg`Was changed there unseen`, msg`Bring the change`],
  changed_here: [msg`Was changed here and not sent`, msg`Send the change`],
  changed_both: [msg`Was changed on both sides`, msg`Merge both`],
};

export function AuditFindings({ findings }: { findings: AuditFinding[] }) {
  return (
    <ul className={classes.findings}>
      {findings.map((finding) => (
        <Finding key={finding.id} finding={finding} />
      ))}
    </ul>
  );
}

function Finding({ finding }: { finding: AuditFinding }) {
  const { t } = useLingui();
  const fix = useChange("fixAuditFinding", { onError: notifyError });
  const kind = kindWords[finding.kind];
  const [wrong, mend] = causes[finding.cause];
  return (
    <li className={classes.finding}>
      <div>
        <Text fw={500} className={classes.title}>
          {kindBefore(kind ? t(kind) : fieldWords(finding.kind), finding.title)}
          <RecordLink kind={finding.kind} id={finding.record_id}>
            {finding.title}
          </RecordLink>
        </Text>
        <Text size="sm" component="div" className={classes.muted}>
          {t(wrong)}
          {finding.day !== null && ` · ${formatDay(finding.day)}`}
          {(finding.here ?? finding.there) !== null && (
            <>
              {" · "}
              <Amount value={finding.here ?? finding.there} />
            </>
          )}
        </Text>
        {finding.fields.length > 0 && <FieldChanges fields={finding.fields} />}
      </div>
      {finding.fixed_at === null ? (
        <Button variant="default" loading={fix.isPending} aria-label={`${t(mend)}: ${finding.title}`} onClick={() => fix.mutate([finding.id])}>
          {t(mend)}
        </Button>
      ) : (
        <Text size="sm" className={classes.mended}>
          {finding.outcome}
        </Text>
      )}
    </li>
  );
}
