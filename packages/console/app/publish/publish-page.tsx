import { Alert, Button, FileInput, Progress, Textarea } from '@mantine/core';
import type { PublishReply, PublishRequest } from '@sluice/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { publish } from '../api/contents.ts';
import { bytesText } from '../figures/format.ts';
import { TenantInput, tenantIn } from '../forms/tenant-input.tsx';
import { EmptyState } from '../layout/empty-state.tsx';
import { Fault } from '../layout/fault.tsx';
import { PageHead } from '../layout/page-head.tsx';
import { Panel } from '../layout/panel.tsx';
import { hrefOf } from '../routing/route.ts';
import { hashFile } from './hash-file.ts';

/** Publishes a file that this machine has: only its hash list goes to the cloud. */
export default function PublishPage() {
  return (
    <>
      <PageHead
        title="Publish"
        about="The file stays where its URL is. This page reads your copy, and sends its hash list to the cloud."
      />
      {window.isSecureContext ? <PublishForm /> : <NotSecure />}
    </>
  );
}

function PublishForm() {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [hashed, setHashed] = useState(0);
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: async (given: Pick<PublishRequest, 'Urls' | 'Tenant'>) => {
      const phf = await hashFile(file!, setHashed, new AbortController().signal);
      return publish({ ...given, Phf: phf });
    },
    onSuccess: () => queries.invalidateQueries(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const Urls = String(form.get('urls')).split(/\s+/).filter(Boolean);
    if (file) mutate({ Urls, ...tenantIn(form) });
  };
  return (
    <Panel title="A file and its URLs">
      <form onSubmit={submit} className="stack narrow">
        <FileInput label="File" placeholder="Choose it" value={file} onChange={setFile} required />
        <Textarea
          name="urls"
          label="URLs"
          description="Where devices can get these very bytes, one a line"
          rows={3}
          required
        />
        <TenantInput empty="devices of all tenants" />
        {isPending && file && (
          <div>
            <Progress value={(100 * hashed) / Math.max(1, file.size)} aria-label="Hashed" />
            <p className="hint">
              {bytesText(hashed)} of {bytesText(file.size)} read
            </p>
          </div>
        )}
        <Fault error={error} />
        {data && <Published reply={data} />}
        <div>
          <Button type="submit" loading={isPending} disabled={!file}>
            Publish
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Published({ reply }: { reply: PublishReply }) {
  return (
    <Alert
      color="green"
      role="status"
      title={reply.Created ? 'Published' : 'It was published already'}
    >
      <a href={hrefOf('content', reply.ContentId)}>See the content</a>
      {reply.MovedUrls.map(({ Url, FromContentId }) => (
        <p key={Url}>
          {Url} was of <code>{FromContentId}</code> until now.
        </p>
      ))}
    </Alert>
  );
}

function NotSecure() {
  return (
    <EmptyState title="Browsers hash files on secure pages only">
      <p>Open the console over HTTPS, or publish at a terminal that has the file:</p>
      <pre>sluice publish FILE --url URL --cloud {window.location.origin}</pre>
    </EmptyState>
  );
}
