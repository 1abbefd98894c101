import { verboseNameOf } from '../../registry/names.js';
import type { ProxyDefinition } from '../../registry/types.js';
import { permissionsOf } from './models.js';
import { className, type KnownModel } from './names.js';

/**
 * The proxy model that a content type without a table may be of, with exactly the permissions that there are: nothing says
 * which others its model has. A database does not say whose rows it has, either.
 */
export function proxyOf({ model, verboseName, permissions = {} }: KnownModel): ProxyDefinition {
  const name = className(model, verboseName);
  const codenames = Object.keys(permissions);
  const usual = ['add', 'change', 'delete', 'view'];
  const actions = usual.filter((action) => codenames.includes(`${action}_${model}`));
  const { permissions: others } = permissionsOf({ name, permissions });
  return {
    name,
    ...(verboseName === undefined || verboseName === verboseNameOf(name) ? {} : { verboseName }),
    ...(actions.length === usual.length ? {} : { defaultPermissions: actions }),
    ...(others === undefined ? {} : { permissions: others }),
  };
}
