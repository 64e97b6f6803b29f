import { unreachable } from '../../lib/unreachable.ts';
import type { Context, ScreenRequest } from '../screen.ts';
import { backups } from '../screens/backups/screen.tsx';
import { drift } from '../screens/drift/screen.tsx';
import { driftAll } from '../screens/drift-all/screen.tsx';
import { change } from '../screens/change/screen.tsx';
import { doctor } from '../screens/doctor/screen.tsx';
import { environment } from '../screens/environment/screen.tsx';
import { environments } from '../screens/environments/screen.tsx';
import { failed } from '../screens/failed/screen.tsx';
import { finished } from '../screens/finished/screen.tsx';
import { migration } from '../screens/migration/screen.tsx';
import { recovery } from '../screens/recovery/screen.tsx';
import { review } from '../screens/review/screen.tsx';
import { run } from '../screens/run/screen.tsx';
import { runDetail } from '../screens/run-detail/screen.tsx';
import { runs } from '../screens/runs/screen.tsx';
import { squash } from '../screens/squash/screen.tsx';
import { unfinished } from '../screens/unfinished/screen.tsx';
import { verify } from '../screens/verify/screen.tsx';
import { welcome } from '../screens/welcome/screen.tsx';
import { mount, type Moved } from './mounted.ts';

/** Opens what was asked for: the one list of all screens. */
export function openScreen(
  request: ScreenRequest,
  at: { readonly key: number; readonly context: Context },
): Moved {
  switch (request.screen) {
    case 'environments':
      return mount(environments, request, at);
    case 'welcome':
      return mount(welcome, request, at);
    case 'migration':
      return mount(migration, request, at);
    case 'environment':
      return mount(environment, request, at);
    case 'backups':
      return mount(backups, request, at);
    case 'doctor':
      return mount(doctor, request, at);
    case 'verify':
      return mount(verify, request, at);
    case 'drift':
      return mount(drift, request, at);
    case 'drift-all':
      return mount(driftAll, request, at);
    case 'unfinished':
      return mount(unfinished, request, at);
    case 'recovery':
      return mount(recovery, request, at);
    case 'review':
      return mount(review, request, at);
    case 'squash':
      return mount(squash, request, at);
    case 'change':
      return mount(change, request, at);
    case 'run':
      return mount(run, request, at);
    case 'finished':
      return mount(finished, request, at);
    case 'failed':
      return mount(failed, request, at);
    case 'runs':
      return mount(runs, request, at);
    case 'run-detail':
      return mount(runDetail, request, at);
    default:
      return unreachable(request);
  }
}

/** Every screen's key table, for the keys page. */
export const screens = [
  environments,
  welcome,
  migration,
  environment,
  backups,
  doctor,
  verify,
  drift,
  driftAll,
  unfinished,
  recovery,
  review,
  change,
  run,
  finished,
  failed,
  runs,
  runDetail,
  squash,
] as const;
