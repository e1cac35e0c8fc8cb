"""Sections on networks of other kinds, and when a student's function is missing or wrong."""

from __future__ import annotations

import dataclasses
import string

import pytest
import torch
from torch import nn

from hw_cnn import classifier, language, models, usage
from hw_cnn.data import digits, drawn_shapes
from hw_cnn.data.reading import embedded
from hw_cnn.explain import building, command, content, dense, material, page, sections, texts
from hw_cnn.explain.sections import embedding, maximisation
from hw_cnn.interpret import gradients
from hw_cnn.models import seminar
from hw_cnn.recipes import lenet5_1998

NAMES_IN_COLOUR = ("filters", "fields", "maximisation", "occlusion", "gradients", "grad_cam", "embedding")


def few_digits(**arguments: object) -> digits.DigitsDataModule:
    """The first 60 digits of each part."""
    data = digits.DigitsDataModule(**arguments)
    for part in ("train", "val", "test"):
        images, labels = embedded.load_digits(part)
        data.splits[part] = images[:60], labels[:60]
    return data


def gathered(network: nn.Module, data=None, lang: str = "en", num_examples: int = 2) -> material.Material:
    torch.manual_seed(0)
    module = network if isinstance(network, classifier.Classifier) else classifier.Classifier(network)
    return material.gather(module, data or few_digits(), "last.ckpt", lang, num_examples)


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """Nothing here looks at the images that are made to excite channels."""
    monkeypatch.setattr(maximisation, "STEPS", (2, 3))


def shown(out) -> str:
    return (out / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def seminar_net() -> material.Material:
    torch.manual_seed(0)
    return gathered(models.build("seminar"))


def test_a_network_without_convolutions_has_sentences_instead(tmp_path):
    torch.manual_seed(0)
    mlp = gathered(nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10)))
    names = ("filters", "outputs", "fields", "patches", "maximisation", "occlusion", "grad_cam", "embedding")
    built = building.build(mlp, tmp_path, names)
    assert built.failure is None
    reasons = texts.of("en")["reasons"]
    assert shown(tmp_path).count(reasons["no_convolution"]) == 3
    assert shown(tmp_path).count(reasons["no_map"]) == 2
    drawn = {path.stem for path in (tmp_path / "pictures").iterdir()}
    assert drawn == {"maximised-classes", "occlusion", "embedding"}


def test_a_network_without_linear_layers_has_no_map_of_features():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 10, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(content.NotApplicableError, match="no_linear"):
        embedding.draw(gathered(network))


def test_the_answer_of_lenet_1998_is_its_smallest_distance(tmp_path):
    torch.manual_seed(0)
    recipe = lenet5_1998.LeNet1998Recipe(models.build("lenet5-1998"))
    found = gathered(recipe, few_digits(pad_px=2, mean=0.0784314, std=0.7843137))
    with torch.no_grad():
        assert torch.equal(found.answers, recipe.model(found.images).argmin(1))
    assert found.background == pytest.approx(-0.1, abs=1e-6)
    names = ("filters", "patches", "maximisation", "grad_cam", "mistakes")
    built = building.build(found, tmp_path, names)
    assert built.failure is None
    # Its last layer gives distances: raising one would lower the score.
    assert not (tmp_path / "pictures" / "maximised-classes.png").exists()


def test_three_channels_and_names_of_classes(tmp_path):
    torch.manual_seed(0)
    network = seminar.SeminarCNN(in_channels=3, image_size=32, num_classes=8)
    data = drawn_shapes.ShapesDataModule(train_size=80, val_size=8, test_size=60)
    found = gathered(classifier.Classifier(network, num_classes=8), data, "ru")
    assert set(found.names(found.examples)) <= set(data.class_names("ru"))
    built = building.build(found, tmp_path, NAMES_IN_COLOUR)
    assert built.failure is None
    assert shown(tmp_path).count("<img") == 8


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("alexnet", {"in_channels": 1, "image_size": 32, "num_classes": 10, "width": 0.0625, "pool_size": 1}),
        pytest.param(
            "vgg11-bn",
            {"in_channels": 1, "num_classes": 10, "width": 0.0625, "pool_size": 1},
            marks=pytest.mark.nightly,
        ),
        pytest.param("lenet5", {}, marks=pytest.mark.nightly),
    ],
)
def test_other_networks_of_the_registry(name, arguments, tmp_path):
    torch.manual_seed(0)
    found = gathered(models.build(name, **arguments), few_digits(pad_px=2))
    built = building.build(found, tmp_path, ("outputs", "fields", "grad_cam"))
    assert built.failure is None
    assert shown(tmp_path).count("<img") == 3


def test_an_unwritten_task_costs_its_section_only(seminar_net, tmp_path, monkeypatch, capsys):
    def saliency(model, images, labels):
        raise NotImplementedError("task L2")

    monkeypatch.setattr(gradients, "saliency", saliency)
    built = building.build(seminar_net, tmp_path, ("filters", "gradients", "mistakes"))
    assert "task L2 is not written" in shown(tmp_path)
    assert {path.stem for path in (tmp_path / "pictures").iterdir()} == {"filters", "confusion", "mistakes"}
    with pytest.raises(NotImplementedError) as raised:
        command.finish(built)
    assert usage.unwritten_task(raised.value).startswith("task L2 is not written yet: ")
    assert "index.html: 3 pictures" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        lambda model, images, labels: images.sum(1, keepdim=True)[:1],
        lambda model, images, labels: [].pop(),
        lambda model, images, labels: None,
    ],
)
def test_a_wrong_function_costs_its_section_and_is_raised_in_the_end(
    seminar_net, tmp_path, monkeypatch, wrong
):
    monkeypatch.setattr(gradients, "saliency", wrong)
    built = building.build(seminar_net, tmp_path, ("gradients", "filters"))
    assert "This section could not be drawn: " in shown(tmp_path)
    assert (tmp_path / "pictures" / "filters.png").is_file()
    with pytest.raises(type(built.failure)):
        command.finish(built)


def test_a_second_page_leaves_no_picture_of_the_first(seminar_net, tmp_path):
    building.build(seminar_net, tmp_path, ("filters", "mistakes"))
    (tmp_path / "pictures" / "mine.png").write_bytes(b"mine")
    building.build(seminar_net, tmp_path, ("filters",))
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {"filters.png", "mine.png"}


@pytest.mark.nightly
def test_the_same_network_gives_the_same_page(seminar_net, tmp_path):
    pages = []
    for number in range(2):
        building.build(seminar_net, tmp_path / str(number), ("maximisation", "gradients", "embedding"))
        pages.append({path.name: path.read_bytes() for path in (tmp_path / str(number)).rglob("*.*")})
    assert pages[0] == pages[1]
    assert len(pages[0]) == 5


@pytest.mark.nightly
def test_nothing_of_the_network_and_of_the_random_numbers_changes(seminar_net, tmp_path):
    model = seminar_net.model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    names = [name for name in sections.NAMES if name != "kernels"]
    building.build(seminar_net, tmp_path, names)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_hostile_names_are_escaped(seminar_net):
    hostile = '<script>alert(1)</script>"&'
    found = dataclasses.replace(seminar_net, checkpoint=hostile)
    section = page.Section("filters", hostile, hostile, (page.Picture("pictures/a.png", hostile, 10, 10),))
    text = page.render(found, [section])
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
    assert 'alt="&lt;script&gt;alert(1)&lt;/script&gt;&#34;&amp;"' in text


def test_of_a_large_test_part_every_so_manieth_image_is_taken(monkeypatch):
    monkeypatch.setattr(material, "NUM_NUMBERS", 784 * 20)
    monkeypatch.setattr(material, "LEAST_IMAGES", 20)
    data = few_digits()
    found = gathered(models.build("seminar"), data)
    assert (found.step, found.num_test, len(found.labels)) == (3, 60, 20)
    assert torch.equal(found.labels, data.splits["test"][1][::3])


def test_examples_are_right_answers_of_different_classes(seminar_net):
    answers = torch.arange(60) % 7
    labels = torch.where(torch.arange(60) < 20, (answers + 1) % 10, answers)
    logits = nn.functional.one_hot(answers, 10).float()
    found = dataclasses.replace(seminar_net, logits=logits, labels=labels, num_examples=5)
    assert found.labels[found.examples].tolist() == [0, 1, 2, 3, 4]
    assert found.examples.tolist() == [21, 22, 23, 24, 25]
    all_wrong = dataclasses.replace(seminar_net, logits=logits, labels=(answers + 1) % 7, num_examples=3)
    assert sorted(all_wrong.examples.tolist()) == [0, 1, 2]


def test_images_are_shown_as_they_were_before_normalising(seminar_net):
    original = embedded.load_digits("test")[0][:60, None] / 255
    assert torch.allclose(seminar_net.shown(seminar_net.images), original, atol=1e-6)


def test_the_fully_connected_rival_learns_and_always_the_same(monkeypatch):
    monkeypatch.setattr(dense, "NUM_EPOCHS", 2)
    data = digits.DigitsDataModule(batch_size=128, max_shift_px=1)
    first = dense.train(data, (1, 28, 28), 10)
    data.setup("test")
    images, labels = next(iter(data.test_dataloader()))
    with torch.no_grad():
        assert (first.model(images).argmax(1) == labels).float().mean() > 0.8
    assert (first.sizes, first.num_images, first.num_epochs) == ((784, 128, 10), 6000, 2)
    second = dense.train(digits.DigitsDataModule(batch_size=128, max_shift_px=1), (1, 28, 28), 10)
    assert all(
        torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True)
    )


def test_data_with_more_classes_than_the_network_are_refused():
    with pytest.raises(
        usage.InputError, match="has a class 9 and the network gives 4 numbers; give the data it was"
    ):
        gathered(models.build("seminar", num_classes=4))


def tree(texts_of_section: object) -> object:
    """Keys of all texts, and for each text the names of its places."""
    if isinstance(texts_of_section, dict):
        return {key: tree(value) for key, value in texts_of_section.items()}
    return {place for _, place, _, _ in string.Formatter().parse(texts_of_section) if place}


def test_both_languages_say_the_same_things():
    assert tree(texts.of("ru")) == tree(texts.of("en"))
    for lang in language.LANGS:
        for name in sections.NAMES:
            num_sentences = texts.of(lang)[name]["text"].count(". ") + 1
            assert 2 <= num_sentences + ("{worst}" in texts.of(lang)[name]["text"]) <= 6, (lang, name)
    assert set(texts.SOURCES) <= set(sections.NAMES)
