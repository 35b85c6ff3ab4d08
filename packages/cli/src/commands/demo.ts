import path from 'node:path';
import { Command, Option } from 'commander';
import type { DemoReport, RunDemo } from '../demo/demo-types.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { jsonOption } from '../options/common.ts';
import { integerValue, pathValue, sizeValue } from '../options/values.ts';
import { paintFor } from '../terminal/colour.ts';
import { print, printJson } from '../terminal/print.ts';
import { examples } from './examples.ts';

interface Options {
  devices: number;
  size: number;
  file?: string;
  json?: boolean;
  keep?: boolean;
  open?: boolean;
}

/** @param runDemo the demo itself, loaded when it is asked for. */
export function demoCommand(runDemo: RunDemo): Command {
  return new Command('demo')
    .description('show it: a cloud, a source, a cache node and devices on this machine')
    .addOption(
      new Option('--devices <n>', 'device agents').default(4).argParser(integerValue(1, 64)),
    )
    .addOption(
      new Option('--size <size>', 'size of the generated file')
        .default(64 * 1024 ** 2, '64MiB')
        .argParser(sizeValue(1, 1024 ** 4, 'from 1 byte to 1TiB')),
    )
    .addOption(
      new Option('--file <file>', 'a file of yours instead').argParser(pathValue).conflicts('size'),
    )
    .addOption(new Option('--keep', 'leave the folder with all results there'))
    .addOption(
      new Option(
        '--open',
        'show it in the console, slowly enough to watch, and go on until Ctrl-C',
      ).conflicts('json'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice demo', 'four devices fetch 64 MiB at the same moment; checks every result'],
        ['sluice demo --open', 'the same in the browser: what flows from where to whom, and why'],
        ['sluice demo --devices 12 --file ./image.iso --json', 'one JSON object at the end'],
      ),
    )
    .action((options: Options) => demo(options, runDemo));
}

async function demo(options: Options, runDemo: RunDemo): Promise<void> {
  const { listenForStop } = await import('../process/stop-signal.ts');
  const { openProgress } = await import('../terminal/progress-display.ts');
  const { downloadView } = await import('../terminal/download-view.ts');
  const { demoTable } = await import('../demo/demo-table.ts');
  const { devices, size, json = false, keep = false, open = false } = options;
  const file = options.file === undefined ? undefined : await checkedFile(options.file);
  const { stderr } = process;
  using stop = listenForStop();
  const display = await openProgress({ stream: stderr, paint: paintFor(stderr), wanted: !json });
  const width = `device ${devices}`.length;
  const render = {
    device: (number: number, status: Parameters<typeof downloadView>[0]) =>
      display.update(downloadView(status), `device ${number}`.padEnd(width)),
    log: (line: string) => display.log(line),
    done: (report: DemoReport) => {
      display.stop();
      tell(report);
      stderr.write('\nEverything runs on: Ctrl-C ends it.\n');
    },
  };
  const tell = (report: DemoReport) => {
    if (json) return printJson(report);
    if (stderr.isTTY) print(''); // Apart from the bars.
    print(demoTable(report, paintFor(process.stdout)));
  };
  const asked = { devices, size, file, keep, open };
  const report = await runDemo(asked, render, stop.signal).finally(() => display.stop());
  if (!open) tell(report);
  if (!report.Devices.every((device) => device.Verified)) {
    throw new ReportedFailure(exitCodes.Integrity[0]);
  }
}

async function checkedFile(file: string): Promise<string> {
  const { statIfThere } = await import('../files/existing-file.ts');
  const { sluiceError } = await import('@sluice/protocol');
  const there = await statIfThere(file);
  if (!there?.isFile()) {
    const detail = there ? 'not a regular file' : 'there is no such file';
    throw sluiceError('FileUnreadable', { path: file, detail });
  }
  return path.resolve(file);
}
