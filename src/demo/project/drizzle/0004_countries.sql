CREATE TABLE `countries` (
	`code` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`vat_percent` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `teams` ADD `country` text REFERENCES countries(code);--> statement-breakpoint
INSERT INTO `countries` (`code`, `name`, `vat_percent`) VALUES
	('AT', 'Austria', 20),
	('BE', 'Belgium', 21),
	('BG', 'Bulgaria', 20),
	('CY', 'Cyprus', 19),
	('CZ', 'Czechia', 21),
	('DE', 'Germany', 19),
	('DK', 'Denmark', 25),
	('EE', 'Estonia', 24),
	('ES', 'Spain', 21),
	('FI', 'Finland', 25),
	('FR', 'France', 20),
	('GR', 'Greece', 24),
	('HR', 'Croatia', 25),
	('HU', 'Hungary', 27),
	('IE', 'Ireland', 23),
	('IT', 'Italy', 22),
	('LT', 'Lithuania', 21),
	('LU', 'Luxembourg', 17),
	('LV', 'Latvia', 21),
	('NL', 'Netherlands', 21),
	('PL', 'Poland', 23),
	('PT', 'Portugal', 23),
	('SE', 'Sweden', 25),
	('SI', 'Slovenia', 22);

