// Packs the built package, installs it into an empty project and uses it there as a stranger would. Run by `npm run package`.
import { ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publicSubpaths } from "./subpaths.mjs";

const budget = { packedBytes: 900_000, unpackedBytes: 3_500_000, files: 1_500 };
const allowedFiles = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^docs\/.+\.(?:md|svg|png)$/,
  /^dist\/(?:src|receivers|handlers)\/.+\.(?:js|js\.map|d\.ts)$/,
];
const installHooks = ["preinstall", "install", "postinstall", "prepare"];

const manifest = readJson("package.json");
const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  const packed = pack();
  checkContents(packed);
  const subpaths = publicSubpaths(manifest, packed.files);
  const tarball = join(folder, packed.filename);
  run("publint", ["run", tarball, "--strict"]);
  run("attw", [tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii", "--entrypoints", ...subpaths]);
  const project = install(tarball);
  load(project, subpaths);
  compile(project, subpaths);
  installOptional(project);
  compile(project, subpaths);
  report(
    `package: ${packed.files.length} files, ${packed.size} bytes packed, ${packed.unpackedSize} unpacked, ${subpaths.length} subpaths`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

function pack() {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]));
  return { ...packed, files: packed.files.map(({ path }) => path) };
}

function checkContents({ files, size, unpackedSize }) {
  const strangers = files.filter((file) => !allowedFiles.some((pattern) => pattern.test(file)));
  ok(strangers.length === 0, `The tarball holds files that no rule allows: ${strangers.join(", ")}`);
  const missing = ["README.md", "LICENSE", "CHANGELOG.md", "dist/src/index.js"].filter((file) => !files.includes(file));
  ok(missing.length === 0, `The tarball lacks ${missing.join(", ")}`);
  const hooks = installHooks.filter((name) => manifest.scripts?.[name] !== undefined);
  ok(hooks.length === 0, `package.json runs scripts on installation: ${hooks.join(", ")}`);
  ok(size <= budget.packedBytes, `The tarball has ${size} bytes; the budget is ${budget.packedBytes}.`);
  ok(unpackedSize <= budget.unpackedBytes, `Unpacked, the package has ${unpackedSize} bytes; the budget is ${budget.unpackedBytes}.`);
  ok(files.length <= budget.files, `The tarball has ${files.length} files; the budget is ${budget.files}.`);
}

/** A new project beside the tarball, with the package and its peers only. */
function install(tarball) {
  const project = join(folder, "consumer");
  cpSync("test/package/consumer", project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const isOptional = (name) => manifest.peerDependenciesMeta?.[name]?.optional === true;
  const needed = Object.entries(manifest.peerDependencies).filter(([name]) => !isOptional(name));
  const peers = needed.map(([name, range]) => `${name}@${range}`);
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball, ...peers], project);
  const { packages } = readJson(join(project, "package-lock.json"));
  const scripted = Object.keys(packages).filter((name) => packages[name].hasInstallScript);
  ok(scripted.length === 0, `Installing the package runs scripts of ${scripted.join(", ")}`);
  return project;
}

/** The packages that only give types to payloads: everything compiles without them, and with them. */
function installOptional(project) {
  const names = Object.entries(manifest.peerDependencies).filter(([name]) => manifest.peerDependenciesMeta?.[name]?.optional === true);
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...names.map(([name, range]) => `${name}@${range}`)], project);
}

/**
 * Loads every subpath, by `import` and by `require`; both must give the one module. Receivers share a process, anything else has
 * one of its own.
 */
function load(project, subpaths) {
  const isReceiver = (name) => name.includes("/receivers/");
  const names = subpaths.map(nameOf);
  for (const together of [names.filter(isReceiver), ...names.filter((name) => !isReceiver(name)).map((name) => [name])]) {
    const script = `for (const name of ${JSON.stringify(together)}) {
        const required = require(name);
        import(name).then((imported) => {
          if (Object.keys(imported).length === 0) throw new Error(name + " exports nothing");
          for (const key of Object.keys(imported)) if (required[key] !== imported[key]) throw new Error(name + " is two modules");
        });
      }`;
    run(process.execPath, ["--input-type=commonjs", "--eval", script], project);
  }
}

function compile(project, subpaths) {
  const imports = subpaths.map((subpath, index) => `export * as module${index} from "${nameOf(subpath)}";\n`);
  writeFileSync(join(project, "every-subpath.ts"), imports.join(""));
  for (const config of ["nodenext.json", "bundler.json"]) run("tsc", ["--project", join(project, config)]);
}

function nameOf(subpath) {
  return subpath.replace(/^\./, manifest.name);
}

/** @returns what the command wrote to stdout. A failure prints all of its output and ends the check. */
function run(command, args, cwd = process.cwd()) {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    report(`${error.stdout ?? ""}${error.stderr ?? ""}` || error.message);
    throw new Error(`${command} ${args[0]} failed; its output is above.`);
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function report(text) {
  process.stdout.write(`${text}\n`);
}
