import { Button } from '@mantine/core';
import { useState } from 'react';
import { PageHead } from '../layout/page-head.tsx';
import { useMay } from '../session/session.ts';
import { EnrolledPanel } from './enrolled-panel.tsx';
import { NewEnrolment } from './new-enrolment.tsx';
import { TokensPanel } from './tokens-panel.tsx';

/** Who a device is: the tokens with which devices enrol, and those that have. */
export default function EnrolmentPage() {
  const may = useMay('operator');
  const [creating, setCreating] = useState(false);
  return (
    <>
      <PageHead
        title="Enrolment"
        about="An enrolled device proves who it is to the cloud, and to the other devices of its tenant."
      >
        {may && <Button onClick={() => setCreating(true)}>New token</Button>}
      </PageHead>
      <TokensPanel may={may} />
      <EnrolledPanel may={may} />
      <NewEnrolment opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}
