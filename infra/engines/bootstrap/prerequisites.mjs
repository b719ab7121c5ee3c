import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { Stop } from './say.mjs';

const NODE_MAJOR_MIN = 20;
const JAVA_MAJOR_MIN = 17;
/** Packages 0.9 GB, engines 0.2 GB, room for data. */
const FREE_BYTES_MIN = 2 * 1024 ** 3;
const ANSWER_MS_MAX = 20_000;

/** Throws one Stop that names everything missing. Java and Maven are not needed for engines that run elsewhere. */
export async function checkPrerequisites({ root, environment }) {
  const isGiven = (name) => (environment[name] ?? '').trim() !== '';
  const needsJava = !isGiven('KPI_KAFKA_BROKERS') || !isGiven('KPI_REGISTRY_URL');
  const needsMaven = needsJava || !(isGiven('KPI_REDIS_URL') || isOnPath('redis-server'));
  const missing = [
    ...problemIf(
      nodeMajor() < NODE_MAJOR_MIN,
      `Node ${NODE_MAJOR_MIN} or later (this is ${process.version})`,
    ),
    ...problemIf(!isOnPath('npm') || !isOnPath('npx'), 'npm with npx'),
    ...problemIf(
      needsJava && javaMajor() < JAVA_MAJOR_MIN,
      `Java ${JAVA_MAJOR_MIN} or later (java on the PATH)`,
    ),
    ...problemIf(needsMaven && !isOnPath('mvn'), 'Maven (mvn on the PATH)'),
    ...problemIf((await freeBytes(root)) < FREE_BYTES_MIN, `2 GB of free disk at ${root}`),
  ];
  if (missing.length > 0) throw new Stop(`Missing: ${missing.join('; ')}`);
}

function problemIf(isMissing, what) {
  return isMissing ? [what] : [];
}

function nodeMajor() {
  return Number.parseInt(process.versions.node, 10);
}

/** 0 without Java. Up to version 8 it called itself 1.8. */
function javaMajor() {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8', timeout: ANSWER_MS_MAX });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function freeBytes(path) {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
