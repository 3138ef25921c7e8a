// Ready flows to start from, with what each one needs.

import Button from '@atlaskit/button/new';

import { SystemTile } from '../parts/SystemTile';
import { systemLabel } from '../words/labels';
import { t } from '../words/words';
import { needs, TEMPLATES, type Template } from './template';
import styles from './Templates.module.css';

export function Templates({ onUse }: { onUse: (id: string) => void }) {
  if (TEMPLATES.length === 0) return null;
  return (
    <section className={styles.templates} aria-labelledby="templates-title">
      <h2 id="templates-title">{t('settings.templates')}</h2>
      <ul>
        {TEMPLATES.map((template) => (
          <li key={template.id}>
            <span className={styles.tiles}>
              {template.systems.map((system) => (
                <SystemTile key={system} system={system} />
              ))}
            </span>
            <h3>{template.name}</h3>
            <p className={styles.about}>{template.about}</p>
            <div className={styles.foot}>
              <Button
                spacing="compact"
                aria-label={`${t('settings.use_template')}: ${template.name}`}
                onClick={() => onUse(template.id)}
              >
                {t('settings.use_template')}
              </Button>
              <span>{needed(template)}</span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function needed(template: Template): string {
  const tools = needs(template).map((system) =>
    system === 'model' ? t('system.a_model') : systemLabel(system),
  );
  return tools.length > 0 ? t('settings.needs', { tools: tools.join(', ') }) : t('settings.ready');
}
