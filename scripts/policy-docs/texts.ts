/** What the page says besides the catalogue. */
export const intro = `# Policies

<!-- Made by \`npm run docs:policies\` from packages/protocol/src/policy. Change it there. -->

Sluice takes the settings of Delivery Optimization under their own names, from the places where those
who manage devices have them already. \`sluice config show\` tells the value of each, who set it and where,
and what was not taken and why.

## Who sets what

For each setting the highest provider with a right value has it. A wrong value never stops the agent: it is
listed with provider, name, value and reason, and the next provider's value holds. Microsoft prints no
order; this one has Group Policy over MDM, as Windows generally does, both over what was set on the
device, and all of that over what the cloud suggests.`;

export const places = `A provider that binds is one that manages the device: what it sets for DODownloadMode is the most
that a single download can ask for. What others set is what a download gets that asks for nothing.

| provider | places |
|---|---|
| cloud, forced | \`sluice cloud-settings --forced NAME=VALUE\`, or \`Forced\` in \`settings.json\` of the cloud’s data directory. On the wire: settings by name in the reply of the key-value service that its \`Sluice_ForcedSettings\` lists |
| Group Policy | Windows: the registry. Else \`/etc/sluice/Registry.pol\`, then what \`sluice policy import Registry.pol\` has kept |
| MDM | Windows: the registry. What \`sluice policy import\` has kept of SyncML, or of JSON that Intune and Graph export |
| admin | \`sluice config set NAME=VALUE\`, kept in \`settings.json\` of the data directory; its owner only |
| command line | \`--set NAME=VALUE\` and the flags that stand for settings |
| environment | \`SLUICE_<name>\`, such as \`SLUICE_DODownloadMode\` |
| config file | \`/etc/sluice/sluice.json\`: an object of settings by name ([schema](sluice-config.schema.json)); then \`/etc/deliveryoptimization-agent/admin-config.json\` and \`sdk-config.json\` of Microsoft's agent. Windows: \`%ProgramData%\\Sluice\\sluice.json\` |
| cloud | \`sluice cloud-settings NAME=VALUE\`, or \`Default\` in that file. On the wire: the other settings in that reply |

A running agent reads files, environment and registry anew at SIGHUP, at \`sluice config set\` and
\`sluice policy import\`, and on use when a minute has passed; the cloud is asked anew every hour. A running
download loses its peers at once when a change rules them out, and gets them, for the first time or again, when one allows
them; with another mode or group it looks for others. Three things wait for the next download: what was begun in simple mode (99)
has nothing to hold pieces against, so it has no peers to the end; delays of HTTP that leave it to peers count from the start only;
and a peer that we cannot dial (behind a firewall) comes back when its own wait is over, two minutes at the most.`;

export const forms = `## How values are written

- Numbers are whole; KB = 1024 bytes and so on. Names count in any case; \`DelayCacheServerFallback…\` without DO is read, too.
- Business hours are an object with \`From\`, \`To\`, \`In\` and \`Out\` in JSON, and \`From=8,To=17,In=10,Out=0\` as text. All four must be there.
- Host lists are text with commas, or an array in JSON.
- In Registry.pol only the key \`SOFTWARE\\Policies\\Microsoft\\Windows\\DeliveryOptimization\` counts.`;
