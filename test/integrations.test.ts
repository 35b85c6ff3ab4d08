import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { buildProgram } from '@sluice/cli';
import { policyCatalogue } from '@sluice/protocol/policy';
import { parse } from 'yaml';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const read = (path: string) => readFile(join(root, 'integrations', path), 'utf8');
const units = ['systemd/sluice-agent.service', 'systemd/sluice-do-compat.service'];
const services = [...units, 'launchd/io.sluice.agent.plist', 'windows/sluice-agent.xml'];
const cacheNodeUnit = 'systemd/sluice-cache-node.service';
const cloudUnit = 'systemd/sluice-cloud.service';

async function has(command: string): Promise<boolean> {
  return run(command, ['--version']).then(
    () => true,
    () => false,
  );
}

const program = buildProgram();
const agent = program.commands.find((command) => command.name() === 'agent')!;
const optionsOf = (name: string) =>
  program.commands.find((command) => command.name() === name)!.options;
const flagsOf = (name: string) => optionsOf(name).map(({ long }) => long);
const noSystemd = !(await has('systemd-analyze'));
const noPython = !(await has('python3'));

const chart = 'helm/sluice-cloud';
const readTemplate = (name: string) => read(`${chart}/templates/${name}.yaml`);

/** A template as YAML, without what Helm would put in its place. */
function withoutActions(template: string): string {
  return template.replaceAll(/^ *\{\{-? [^}]*\}\}\n/gm, '').replaceAll(/\{\{-? [^}]*\}\}/g, '1');
}

function assertCloudFlags(args: readonly string[]): void {
  const flags = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.split('=')[0]!);
  assert.ok(flags.length > 0);
  for (const flag of flags) assert.ok(flagsOf('cloud').includes(flag), flag);
}

function assertCloudVariables(names: readonly string[]): void {
  assert.deepEqual(names, ['SLUICE_DATABASE', 'SLUICE_SWARM_STORE']);
  const known = optionsOf('cloud').map(({ envVar }) => envVar);
  for (const name of names) assert.ok(known.includes(name), name);
}

const addressOf = (service: { networks: { cloud: { ipv4_address: string } } }) =>
  service.networks.cloud.ipv4_address;

suite('files for containers', () => {
  test('docker-compose.yml and the Dockerfile start clouds with flags that there are', async () => {
    const { services } = parse(await read('docker/docker-compose.yml'), { merge: true });
    const balancer = await read('docker/nginx.conf');
    const names = ['cloud-1', 'cloud-2', 'nginx', 'postgres', 'valkey'];
    assert.deepEqual(Object.keys(services), names);
    for (const name of ['cloud-1', 'cloud-2']) {
      const { command, environment, healthcheck } = services[name];
      assert.equal(command[0], 'cloud');
      assertCloudFlags(command);
      assertCloudVariables(Object.keys(environment));
      assert.match(healthcheck.test.at(-1), /\/health'/);
      assert.ok(command.includes(`--trusted-proxy=${addressOf(services.nginx)}`));
      assert.ok(balancer.includes(`server ${addressOf(services[name])}:8080 `));
    }
    const [, line = ''] = /^CMD (.*)$/m.exec(await read('docker/Dockerfile')) ?? [];
    assertCloudFlags(JSON.parse(line));
  });

  test('no container is given an address that another is to have', async () => {
    const { services, networks } = parse(await read('docker/docker-compose.yml'), { merge: true });
    const [{ subnet, ip_range: given }] = networks.cloud.ipam.config;
    const within = (cidr: string) => {
      const [address = '', bits] = cidr.split('/');
      const list = new BlockList();
      list.addSubnet(address, Number(bits));
      return (asked: string) => list.check(asked);
    };
    const fixed = ['cloud-1', 'cloud-2', 'nginx'].map((name) => addressOf(services[name]));
    assert.equal(new Set(fixed).size, 3);
    for (const address of fixed) {
      assert.ok(within(subnet)(address), address);
      assert.ok(!within(given)(address), address);
    }
  });

  test('each stage of the Dockerfile has the library that Node.js is linked with', async () => {
    const [, ...stages] = (await read('docker/Dockerfile')).split(/^FROM /m);
    assert.equal(stages.length, 2);
    for (const stage of stages) assert.match(stage, /^RUN apt-get .* libatomic1 /m);
  });

  test('the chart is YAML, starts clouds with flags that there are, asks probes and values that there are', async () => {
    const values = parse(await read(`${chart}/values.yaml`));
    assert.equal(parse(await read(`${chart}/Chart.yaml`)).name, 'sluice-cloud');
    const texts = await Promise.all(['deployment', 'service', 'ingress', 'pdb'].map(readTemplate));
    const kinds = texts.map((text) => parse(withoutActions(text)).kind);
    assert.deepEqual(kinds, ['Deployment', 'Service', 'Ingress', 'PodDisruptionBudget']);
    for (const [, path] of texts.join('').matchAll(/\.Values\.([\w.]+)/g)) {
      const found = path!.split('.').reduce((at, name) => at?.[name], values);
      assert.notEqual(found, undefined, path);
    }
    const pod = parse(withoutActions(texts[0]!)).spec.template.spec;
    const [container] = pod.containers;
    assertCloudFlags(container.args);
    assertCloudVariables(container.env.map(({ name }: { name: string }) => name));
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'];
    const paths = probes.map((probe) => container[probe].httpGet.path);
    assert.deepEqual(paths, ['/health', '/health', '/ready']);
    const volumes = pod.volumes.map(({ name }: { name: string }) => name);
    for (const { name } of container.volumeMounts) assert.ok(volumes.includes(name), name);
  });

  test('what the chart puts into YAML is quoted, but for numbers', async () => {
    const texts = await Promise.all(['deployment', 'service', 'ingress', 'pdb'].map(readTemplate));
    const unquoted = texts.join('').replaceAll(/"[^"\n]*"/g, '');
    const bare = unquoted.matchAll(/\{\{ (\.[\w.]*|\$[\w.]+) \}\}/g);
    const names = [...bare].map(([, path]) => path!.replace('.Values.', '')).sort();
    const pullPolicies = ['image.pullPolicy', 'image.pullPolicy'];
    const numbers = ['drainSeconds', 'podDisruptionBudget.maxUnavailable', 'replicas'];
    assert.deepEqual(names, [...numbers, ...pullPolicies, 'service.port'].sort());
  });
});

suite('files for service managers', () => {
  for (const path of services) {
    test(`${path} starts what there is, with flags that there are`, async () => {
      const text = (await read(path)).replaceAll('\\', '/');
      const scripts = text.match(/packages\/[\w/.-]+/g) ?? [];
      assert.deepEqual(scripts, ['packages/cli/bin/sluice.js']);
      assert.ok(existsSync(join(root, scripts[0]!)));
      assert.match(text, /node_modules\/node\/bin\/node/);
      const known = agent.options.map((option) => option.long);
      const flags = (text.match(/(?<=[\s">])--[a-z-]+(?=[\s"<])/g) ?? []).filter((f) => f !== '--');
      const compat = path.includes('do-compat') ? ['--do-compat'] : [];
      assert.deepEqual(flags, [...compat, '--data-dir']);
      assert.ok(flags.every((flag) => known.includes(flag)));
    });
  }

  for (const [path, name, expected] of [
    [cacheNodeUnit, 'cache-node', ['--cache-dir', '--state-dir', '--access-log']],
    [cloudUnit, 'cloud', ['--data-dir']],
  ] as const) {
    test(`${path} has flags that there are, and the sandbox of the agent`, async () => {
      const text = await read(path);
      const [, line = ''] = /^ExecStart=(.*)$/m.exec(text) ?? [];
      assert.match(line, new RegExp(` ${name} `));
      const flags = line.match(/--[a-z-]+/g) ?? [];
      assert.deepEqual(flags, expected);
      assert.ok(flags.every((flag) => flagsOf(name).includes(flag)));
      const sandbox = (unit: string) =>
        unit.match(/^(?:Protect|Private|Restrict|NoNew|Capab|Ambient|Lock|SystemCall|UMask).*$/gm);
      assert.deepEqual(sandbox(text), sandbox(await read(services[0]!)));
    });
  }

  test('the units pass systemd’s own check', { skip: noSystemd }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-unit-'));
    t.after(() => rm(folder, { recursive: true }));
    const paths = [...units, cacheNodeUnit, cloudUnit, 'systemd/sluice-cache-node.socket'];
    for (const path of paths) {
      // The program and the user of an installation are not on this machine.
      const text = (await read(path))
        .replace('/opt/sluice/node_modules/node/bin/node', process.execPath)
        .replace(/^(User|Group)=.*\n/gm, '');
      await writeFile(join(folder, basename(path)), text);
    }
    const files = paths.map((path) => join(folder, basename(path)));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', ...files]);
    assert.equal(stdout + stderr, '');
  });

  test('the PowerShell module exports what it has, and names commands and settings that there are', async () => {
    const module = await read('powershell/Sluice.psm1');
    const manifest = await read('powershell/Sluice.psd1');
    const [, list = ''] = /FunctionsToExport = @\(([^)]*)\)/.exec(manifest) ?? [];
    const exported = list.match(/[\w-]+/g);
    const made = [...module.matchAll(/^function (\w+-D\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(made, exported);
    const settings = module.match(/\bDO(?!Config)[A-Z]\w+/g) ?? [];
    const named = new Set(settings.filter((name) => !made.some((m) => m?.endsWith(`-${name}`))));
    for (const name of named) assert.ok(Object.hasOwn(policyCatalogue, name), name);
    const known = program.commands.map((command) => command.name());
    const commands = [...module.matchAll(/@\('(\w+)'/g)].map(([, name]) => name!);
    for (const name of commands) assert.ok(known.includes(name), name);
  });

  test('the property list is one', { skip: noPython }, async () => {
    const script = 'import plistlib, sys; print(plistlib.load(open(sys.argv[1], "rb"))["Umask"])';
    const { stdout } = await run('python3', [
      '-c',
      script,
      join(root, 'integrations', 'launchd/io.sluice.agent.plist'),
    ]);
    assert.equal(Number(stdout), 0o027);
  });
});
